// The version of the library; the Makefile reads it from here.
#pragma once

#define DUPLEX_VERSION "0.1.0"
