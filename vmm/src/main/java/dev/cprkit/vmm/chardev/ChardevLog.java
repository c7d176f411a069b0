package dev.cprkit.vmm.chardev;

/**
 * A file that gets a copy of all that is written to a chardev ({@code logfile=}, {@code logappend=}).
 *
 * @param path the file
 * @param append whether to keep what it holds; otherwise it is emptied when the chardev is opened
 */
public record ChardevLog(String path, boolean append) {}
