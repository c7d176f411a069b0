/** Where a host's VMs, journal and saved states are kept. */
package dev.cprkit.agent.home;
