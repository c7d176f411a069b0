/** A VM's QMP monitor in the engine's own terms: typed questions, typed answers, and the events that it has sent. */
package dev.cprkit.agent.monitor;
