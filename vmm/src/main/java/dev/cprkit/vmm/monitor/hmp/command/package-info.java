/** The human monitor's commands that need more than the run state: one class per family. */
package dev.cprkit.vmm.monitor.hmp.command;
