/** Operations on VMs: what is asked for, how far it is, how it ended; the same for cprctl and the agent. */
package dev.cprkit.agent.operation;
