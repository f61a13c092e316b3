#pragma once
#include <libxml/xmlversion.h>
/* Else it brings the system's ICU, whose names Foundation's own has too. */
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/SAX2.h>
#include <libxml/xmlerror.h>

/* A macro that Swift does not see. */
static inline unsigned int xml_sax2_magic(void) { return XML_SAX2_MAGIC; }
