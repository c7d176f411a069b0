/** What QMP's commands, events and their types look like: declared once, and used to check requests and to describe them. */
package dev.cprkit.vmm.monitor.qapi;
