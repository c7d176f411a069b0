/** The host agent as a process, with VMs that run. */
package dev.cprkit.it.agent;
