/** What was added to a VM while it ran: found in the old process, and added to the new one in the same way. */
package dev.cprkit.agent.hotplug;
