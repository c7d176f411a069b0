/** The man pages: generated ones are what the programs declare, and what pages show is what happens. */
package dev.cprkit.it.man;
