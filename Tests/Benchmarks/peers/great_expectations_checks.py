"""Ten checks of staged reviews by Great Expectations; prints seconds, passed and failed."""

import os
import time

# Nobody is told of its use.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
from great_expectations import expectations as gxe

url = os.environ["BENCH_WAREHOUSE_URL"].replace("postgres://", "postgresql+psycopg2://")
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
source = context.data_sources.add_postgres("bench", connection_string=url)
asset = source.add_table_asset("reviews", table_name="reviews", schema_name="millrace_staging")
batch = asset.add_batch_definition_whole_table("all").get_batch()
suite = gx.ExpectationSuite(
    name="reviews",
    expectations=[
        gxe.ExpectTableRowCountToBeBetween(min_value=1),
        gxe.ExpectColumnValuesToNotBeNull(column="review_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="record_create_timestamp"),
        gxe.ExpectColumnValuesToBeUnique(column="review_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="review_text", mostly=0.95),
        gxe.ExpectColumnValuesToBeBetween(column="review_rating", min_value=0, max_value=5),
        gxe.ExpectColumnValuesToBeInSet(
            column="spoiler_state", value_set=["none", "some", "all"]
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="review_url", regex=r"^https://goodreads\.example/"
        ),
        gxe.ExpectColumnValueLengthsToBeBetween(
            column="review_url", min_value=10, max_value=80
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="review_updated_date", column_B="review_added_date", or_equal=True
        ),
    ],
)
# Counts alone: the values that fail are not asked for.
begin = time.monotonic()
result = batch.validate(suite, result_format="BOOLEAN_ONLY")
seconds = time.monotonic() - begin
passed = sum(1 for one in result.results if one.success)
print(f"{seconds:.3f} {passed} {len(result.results) - passed}")
