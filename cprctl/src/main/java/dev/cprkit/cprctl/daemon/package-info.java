/** The command line of {@code cpr-agent}. */
package dev.cprkit.cprctl.daemon;
