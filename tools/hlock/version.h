/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The one place that says which version this is: of the tool, and of the headers that it
 * makes.  Major 0: what a header declares may change with the minor number.
 */
#ifndef HLOCK_TOOL_VERSION_H
#define HLOCK_TOOL_VERSION_H

enum { MAJOR = 0, MINOR = 1, PATCH = 0 };

#endif
