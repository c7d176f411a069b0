package dev.cprkit.it.vm;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A serial line on which a test types: a socket for the keys, and a file, shared by every process of the guest, for what it prints. */
record TypedConsole(Path folder, Path printed) {
    /** The options of one process; each has a socket of its own name. */
    List<String> options(String process) {
        return List.of(
                "-chardev",
                "socket,id=console,path=" + keys(process) + ",server=on,wait=off,logfile=" + printed + ",logappend=on",
                "-serial",
                "chardev:console");
    }

    private Path keys(String process) {
        return folder.resolve(process + ".keys");
    }

    /** Types. What the guest answers is in the file. */
    SocketChannel open(String process) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(keys(process)));
        return channel;
    }

    static void type(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
