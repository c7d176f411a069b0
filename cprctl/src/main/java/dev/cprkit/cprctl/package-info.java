/** The command line {@code cprctl}: one class for each subcommand, and how results are printed. */
package dev.cprkit.cprctl;
