package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.vmm.monitor.hmp.HmpError;
import java.io.IOException;
import java.io.RandomAccessFile;

/** Where the host's kernel has put this process's pages: /proc/self/pagemap (proc_pid_pagemap(5)). Stateless. */
final class HostPages {
    private static final int PAGE_SHIFT = 12;
    private static final long PRESENT = 1L << 63;
    private static final long FRAME = (1L << 55) - 1;

    private HostPages() {}

    /** The physical address behind a virtual one of this process. The kernel tells frames to root only, others get 0. */
    static long physical(long virtual) throws HmpError {
        try (RandomAccessFile pages = new RandomAccessFile("/proc/self/pagemap", "r")) {
            pages.seek((virtual >>> PAGE_SHIFT) * Long.BYTES);
            long entry = Long.reverseBytes(pages.readLong());
            if ((entry & PRESENT) == 0) {
                throw new HmpError("Page not present");
            }
            return (entry & FRAME) << PAGE_SHIFT | virtual & (1 << PAGE_SHIFT) - 1;
        } catch (IOException e) {
            throw new HmpError("/proc/self/pagemap cannot be read: " + e.getMessage());
        }
    }
}
