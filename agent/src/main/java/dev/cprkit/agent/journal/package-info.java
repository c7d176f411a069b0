/** What this host has done to its VMs, and is doing: on disk before it is acted on, and shared by every process of cprkit. */
package dev.cprkit.agent.journal;
