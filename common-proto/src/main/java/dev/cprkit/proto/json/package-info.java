/** JSON values, read in QEMU's dialect with its error texts and written in its layout. */
package dev.cprkit.proto.json;
