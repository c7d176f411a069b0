/** JSON values, read and written with the streaming core of Jackson only. */
package dev.cprkit.proto.json;
