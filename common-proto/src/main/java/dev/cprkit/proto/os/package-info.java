/**
 * Native calls that several modules share: file descriptors, polling, and unix and inet sockets that pass descriptors.
 *
 * <p>Everything here goes through {@code java.lang.foreign} to the C library. The structure offsets are those of
 * 64-bit Linux, the same on x86-64 and arm64. Calls that may block block the calling platform thread.
 */
package dev.cprkit.proto.os;
