package dev.cprkit.vmm.migration.channel;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.run.EventLoop;
import java.util.OptionalInt;

/**
 * What channels take from the process that they belong to.
 *
 * @param loop the main loop
 * @param descriptors that clients have passed and named
 * @param files how a path is opened
 */
public record ChannelHost(EventLoop loop, NamedDescriptors descriptors, FileOpener files) {
    /** A process without named descriptors, where a path is a path. */
    public static ChannelHost plain(EventLoop loop) {
        return new ChannelHost(loop, name -> OptionalInt.empty(), Fds::open);
    }

    /** Descriptors by name. */
    @FunctionalInterface
    public interface NamedDescriptors {
        /** The descriptor of that name, which is the caller's from now on; empty if there is none. */
        OptionalInt take(String name);
    }

    /** Opens a path, or what stands for a descriptor ({@code /dev/fdset/N}). */
    @FunctionalInterface
    public interface FileOpener {
        /** As open(2); the descriptor is the caller's, and close-on-exec. */
        int open(String path, int flags, int mode) throws ErrnoException;
    }
}
