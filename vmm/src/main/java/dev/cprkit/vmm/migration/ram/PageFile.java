package dev.cprkit.vmm.migration.ram;

import java.io.IOException;

/**
 * The file behind a stream, for capability mapped-ram: besides what is read or written in a row it gives access to any
 * place. Used by the thread that reads or writes the stream. Every method throws in one sentence if the host cannot.
 */
public interface PageFile {
    /** Where in the file the next byte of the stream is read or written. */
    long position() throws IOException;

    /** Makes the stream go on elsewhere. */
    void seek(long offset) throws IOException;

    /** Writes memory to a place in the file, all of it. */
    void write(long offset, long host, long length) throws IOException;

    /** Reads a place of the file into memory, all of it; a file that ends before is an error. */
    void read(long offset, long host, long length) throws IOException;
}
