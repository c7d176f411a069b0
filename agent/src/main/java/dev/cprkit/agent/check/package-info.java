/** What is looked at before an update is tried: all checks at once, each finding with a stable code and a remedy. */
package dev.cprkit.agent.check;
