/**
 * Migration streams as somebody sees them who knows only the reference: a decoder of CPR state and main stream that shares
 * no code with the emulator, and the two ends of an update that a test can play.
 */
package dev.cprkit.it.stream;
