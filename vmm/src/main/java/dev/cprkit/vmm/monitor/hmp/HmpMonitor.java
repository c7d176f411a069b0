package dev.cprkit.vmm.monitor.hmp;

import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.monitor.Version;
import dev.cprkit.vmm.run.EventLoop;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The human monitor on a chardev: banner, prompt, line editing, and one command after another. On a shared chardev what
 * it prints before it first gets the focus is kept until then. Main loop's thread with the machine lock held.
 */
public final class HmpMonitor implements Chardev.Frontend {
    private static final int CHUNK = 4096;
    private static final int MAX_OUTPUT = 16 << 20;

    private final HmpShell shell;
    private final Version version;
    private final EventLoop loop;
    private final Chardev chardev;
    private final LineEditor editor;
    private final Completions completions;
    private final ByteArrayOutputStream keys = new ByteArrayOutputStream();
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private boolean focused;
    private boolean suspended;
    private boolean typing;
    private int sessions;

    private HmpMonitor(HmpShell shell, Version version, EventLoop loop, Chardev chardev) {
        this.shell = shell;
        this.version = version;
        this.loop = loop;
        this.chardev = chardev;
        this.focused = !chardev.isShared();
        this.completions = new Completions(shell.registry());
        this.editor = new LineEditor("(qemu) ", new EditorHost());
    }

    /** Starts a monitor on a chardev that it alone uses, or on its own channel of a shared one. */
    public static void open(HmpShell shell, Version version, EventLoop loop, Chardev chardev) {
        chardev.attach(new HmpMonitor(shell, version, loop, chardev));
    }

    @Override
    public void opened() {
        closed();
        print("QEMU " + version.numbers() + " monitor - type 'help' for more information\n");
        editor.prompt();
    }

    @Override
    public void closed() {
        sessions++;
        suspended = false;
        keys.reset();
        held.reset();
    }

    @Override
    public int canReceive() {
        return suspended ? 0 : CHUNK;
    }

    @Override
    public void receive(byte[] bytes, int length) {
        keys.write(bytes, 0, length);
        type();
    }

    @Override
    public int outputLimit() {
        return MAX_OUTPUT;
    }

    @Override
    public void overflowed() {
        loop.post(chardev::disconnect);
    }

    @Override
    public boolean wantsFocus() {
        return false;
    }

    @Override
    public void focus(boolean here) {
        focused = here;
        if (here && held.size() > 0) {
            byte[] bytes = held.toByteArray();
            held.reset();
            chardev.write(bytes, 0, bytes.length);
        } else if (here && !suspended) {
            editor.redraw();
        }
    }

    /** Gives the editor what has been typed, until a command wants to be waited for. */
    private void type() {
        if (typing) {
            return; // a command that resumes the monitor at once: the loop below goes on
        }
        typing = true;
        try {
            while (!suspended && keys.size() > 0) {
                byte[] typed = keys.toByteArray();
                keys.reset();
                int at = 0;
                while (at < typed.length && !suspended) {
                    editor.key(typed[at++]);
                }
                keys.write(typed, at, typed.length - at);
            }
        } finally {
            typing = false;
        }
    }

    private Optional<Runnable> suspend() {
        if (suspended) {
            return Optional.empty();
        }
        suspended = true;
        int session = sessions;
        return Optional.of(() -> {
            if (suspended && session == sessions) {
                suspended = false;
                editor.prompt();
                type();
                chardev.acceptInput();
            }
        });
    }

    private void print(String text) {
        byte[] bytes = text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
        if (focused) {
            chardev.write(bytes, 0, bytes.length);
        } else if (held.size() < MAX_OUTPUT) {
            held.write(bytes, 0, bytes.length);
        }
    }

    /** What a command that is run here prints to. */
    private final class Output implements HmpOutput {
        private boolean waitedFor;

        @Override
        public void print(String text) {
            HmpMonitor.this.print(text);
        }

        @Override
        public int[] takeDescriptors() {
            return chardev.takeDescriptors();
        }

        @Override
        public List<String> history() {
            return editor.history();
        }

        @Override
        public Optional<Runnable> suspend() {
            Optional<Runnable> resume = HmpMonitor.this.suspend();
            waitedFor = resume.isPresent();
            return resume;
        }
    }

    private final class EditorHost implements LineEditor.Host {
        @Override
        public void draw(String text) {
            HmpMonitor.this.print(text);
        }

        @Override
        public void line(String text) {
            Output output = new Output();
            shell.run(text, output);
            if (!output.waitedFor) {
                editor.prompt();
            }
        }

        @Override
        public List<String> completions(String beforeCursor) {
            return completions.of(beforeCursor);
        }
    }
}
