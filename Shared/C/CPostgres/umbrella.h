#pragma once
/* Debian keeps libpq's headers in a folder of their own; without pkg-config it is not on the path. */
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif
