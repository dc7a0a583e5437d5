/* version.h - the version of mica, said once */
#ifndef MICA_CORE_VERSION_H
#define MICA_CORE_VERSION_H

#define MICA_VERSION "0.1.0"

#endif
