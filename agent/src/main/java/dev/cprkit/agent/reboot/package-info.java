/** VMs that are saved while their host restarts: what is kept of each, and where. */
package dev.cprkit.agent.reboot;
