/** The host as the update engine sees it: processes, their facts, and who listens where. */
package dev.cprkit.agent.host;
