/** The VMs of this host that are known by a name. */
package dev.cprkit.agent.vm;
