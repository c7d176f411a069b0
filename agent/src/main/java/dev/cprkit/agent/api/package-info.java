/** The agent's API as documents: their JSON, the statuses of HTTP, and a client of it. */
package dev.cprkit.agent.api;
