/**
 * One live update, from the old process's command line to the new process's first guest instruction.
 *
 * <p>{@link dev.cprkit.agent.update.LiveUpdate} conducts; each other type has one part. The order and the failure
 * rules follow reference/qemu-cpr.md, sections 2.3, 2.4, 5 and 11.
 */
package dev.cprkit.agent.update;
