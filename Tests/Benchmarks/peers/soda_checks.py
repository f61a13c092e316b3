"""Ten checks of staged reviews by Soda Core; prints seconds, passed and failed."""

import os
import tempfile
import time
from urllib.parse import unquote, urlparse

from soda.common.config_helper import ConfigHelper

# Soda tells its makers of each scan unless its settings say no; they are read once, and first here.
settings = tempfile.NamedTemporaryFile("w", suffix=".yml")
settings.write("send_anonymous_usage_stats: false\n")
settings.flush()
assert not ConfigHelper.get_instance(settings.name).send_anonymous_usage_stats

from soda.scan import Scan  # noqa: E402

url = urlparse(os.environ["BENCH_WAREHOUSE_URL"])
scan = Scan()
scan.set_data_source_name("bench")
scan.add_configuration_yaml_str(
    f"""
data_source bench:
  type: postgres
  host: {url.hostname}
  port: "{url.port}"
  username: {url.username}
  password: "{unquote(url.password)}"
  database: {url.path.lstrip("/")}
  schema: millrace_staging
"""
)
scan.add_sodacl_yaml_str(
    r"""
checks for reviews:
  - row_count > 0
  - missing_count(review_id) = 0
  - missing_count(record_create_timestamp) = 0
  - duplicate_count(review_id) = 0
  - missing_percent(review_text) < 5
  - invalid_count(review_rating) = 0:
      valid min: 0
      valid max: 5
  - invalid_count(spoiler_state) = 0:
      valid values: [none, some, all]
  - invalid_count(review_url) = 0:
      valid regex: ^https://goodreads\.example/
  - min_length(review_url) >= 10
  - failed rows:
      name: updated after added
      samples limit: 0
      fail condition: review_updated_date < review_added_date
"""
)
begin = time.monotonic()
scan.execute()
seconds = time.monotonic() - begin
failed = len(scan.get_checks_fail()) + len(scan.get_error_logs())
passed = len(scan._checks) - failed
print(f"{seconds:.3f} {passed} {failed}")
