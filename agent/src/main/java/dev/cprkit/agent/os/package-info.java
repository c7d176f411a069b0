/** Native calls of the agent. */
package dev.cprkit.agent.os;
