/** What cprctl prints: text for people, with colours and progress on a terminal, and JSON documents for programs. */
package dev.cprkit.cprctl.output;
