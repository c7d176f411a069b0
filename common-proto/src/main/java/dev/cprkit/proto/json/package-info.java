/** JSON values, read with the streaming core of Jackson only and written in QEMU's layout. */
package dev.cprkit.proto.json;
