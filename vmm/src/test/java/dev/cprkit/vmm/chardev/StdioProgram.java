package dev.cprkit.vmm.chardev;

import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.run.MainLoop;
import java.nio.charset.StandardCharsets;

/** Started by {@link StdioChardevTest} as a process of its own: echoes standard input until it ends. */
final class StdioProgram {
    private StdioProgram() {}

    public static void main(String[] arguments) throws Exception {
        MainLoop loop = new MainLoop(new MachineLock());
        StdioChardev chardev = new StdioChardev(new ChardevConfig.Stdio("s", true, ChardevOptions.NONE), loop);
        chardev.attach(new Chardev.Frontend() {
            @Override
            public void opened() {
                byte[] ready = "ready.".getBytes(StandardCharsets.US_ASCII);
                chardev.write(ready, 0, ready.length);
            }

            @Override
            public int canReceive() {
                return 1000;
            }

            @Override
            public void receive(byte[] bytes, int length) {
                chardev.write(bytes, 0, length);
            }

            @Override
            public void closed() {
                loop.end();
            }
        });
        loop.run();
        chardev.close();
        loop.close();
    }
}
