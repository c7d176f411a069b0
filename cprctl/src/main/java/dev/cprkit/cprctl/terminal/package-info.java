/** The terminal that cprctl is on: whether it is one, its raw mode, its signals. */
package dev.cprkit.cprctl.terminal;
