package dev.cprkit.vmm.os;

import java.io.IOException;
import java.nio.file.Path;

/** A process of its own that holds a PID file until its standard input ends. */
final class PidFileHolder {
    private PidFileHolder() {}

    public static void main(String[] args) throws IOException {
        PidFile file = PidFile.create(Path.of(args[0]));
        System.out.print('!');
        System.out.flush();
        int end = System.in.read();
        file.close();
        System.exit(end < 0 ? 0 : 1);
    }
}
