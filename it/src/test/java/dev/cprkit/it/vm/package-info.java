/** The emulator as a process: boots guests, is updated under them, and is given bad input. */
package dev.cprkit.it.vm;
