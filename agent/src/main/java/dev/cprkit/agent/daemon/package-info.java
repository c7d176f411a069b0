/** The agent: the operations of a host behind HTTP, with who may do what, limits, metrics and systemd. */
package dev.cprkit.agent.daemon;
