/** The update engine: everything of it that callers share. */
package dev.cprkit.agent;
