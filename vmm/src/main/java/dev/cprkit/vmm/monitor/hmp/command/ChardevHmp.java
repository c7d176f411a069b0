package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.monitor.hmp.HmpArguments;
import dev.cprkit.vmm.monitor.hmp.HmpCommand;
import dev.cprkit.vmm.monitor.hmp.HmpCommand.Completer;
import dev.cprkit.vmm.monitor.hmp.HmpError;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The human monitor's commands on chardevs: chardev-add, -change, -remove, -send-break, ringbuf_read, ringbuf_write. */
public final class ChardevHmp {
    private final Chardevs chardevs;
    private final Parser parser;

    /** Reads a chardev as the command line does. */
    public interface Parser {
        /** Reads {@code BACKEND,id=ID,...}. */
        ChardevConfig read(String text) throws ChardevException;

        /** What there is to choose from. */
        String help();
    }

    private ChardevHmp(Chardevs chardevs, Parser parser) {
        this.chardevs = chardevs;
        this.parser = parser;
    }

    /** Adds the commands. */
    public static void register(HmpRegistry registry, Chardevs chardevs, Parser parser) {
        ChardevHmp commands = new ChardevHmp(chardevs, parser);
        Completer labels = position -> position == 0 ? commands.labels() : List.of();
        Completer rings = position -> position == 0 ? commands.rings() : List.of();
        registry.add(HmpCommand.of("chardev-add", "args:s", "args", "add a chardev", commands::add)
                .completing(position -> position == 0 ? commands.backends() : List.of()));
        registry.add(HmpCommand.of(
                        "chardev-change",
                        "id:s,args:s",
                        "id args",
                        "put another chardev in a one's place",
                        (out, a) -> commands.change(out, a))
                .completing(labels));
        registry.add(HmpCommand.of(
                        "chardev-remove",
                        "id:s",
                        "id",
                        "remove a chardev",
                        (out, a) -> commands.run(() -> chardevs.remove(a.string("id"))))
                .completing(labels));
        registry.add(HmpCommand.of(
                        "chardev-send-break",
                        "id:s",
                        "id",
                        "send a break",
                        (out, a) -> commands.run(() -> chardevs.sendBreak(a.string("id"))))
                .completing(labels));
        registry.add(HmpCommand.of(
                        "ringbuf_read",
                        "device:s,size:i",
                        "device size",
                        "take what a ring buffer keeps",
                        commands::take)
                .completing(rings));
        registry.add(HmpCommand.of(
                        "ringbuf_write", "device:s,data:s", "device data", "write to a ring buffer", commands::put)
                .completing(rings));
    }

    private List<String> labels() {
        List<String> labels = new ArrayList<>();
        for (Chardevs.Info info : chardevs.all()) {
            labels.add(info.label());
        }
        return labels;
    }

    private List<String> rings() {
        List<String> labels = new ArrayList<>();
        for (Chardevs.Info info : chardevs.all()) {
            if (info.filename().equals("ringbuf") || info.filename().equals("memory")) {
                labels.add(info.label());
            }
        }
        return labels;
    }

    /** The names in the list that help shows. */
    private List<String> backends() {
        List<String> names = new ArrayList<>();
        for (String line : parser.help().split("\n", -1)) {
            if (line.startsWith("  ")) {
                names.add(line.strip());
            }
        }
        return names;
    }

    private void add(HmpOutput out, HmpArguments arguments) throws HmpError {
        String text = arguments.string("args");
        if (text.equals("help") || text.equals("?")) {
            out.print(parser.help());
            return;
        }
        run(() -> {
            ChardevConfig config = parser.read(text);
            chardevs.open(config);
            redirected(out, config.id());
        });
    }

    private void change(HmpOutput out, HmpArguments arguments) throws HmpError {
        String text = arguments.string("args");
        String id = arguments.string("id");
        if (text.equals("help") || text.equals("?")) {
            out.print(parser.help());
            return;
        }
        if (text.contains(",id=")) {
            throw new HmpError("Unexpected 'id' parameter");
        }
        run(() -> {
            chardevs.exchange(parser.read(text + ",id=" + id));
            redirected(out, id);
        });
    }

    /** Says which terminal to open, if the chardev is one. */
    private void redirected(HmpOutput out, String id) {
        chardevs.terminalPath(id)
                .ifPresent(path -> out.println("char device redirected to " + path + " (label " + id + ")"));
    }

    private void take(HmpOutput out, HmpArguments arguments) throws HmpError {
        run(() -> {
            byte[] bytes = chardevs.ringbuf(arguments.string("device")).take(arguments.number("size"));
            StringBuilder text = new StringBuilder();
            new String(bytes, StandardCharsets.UTF_8).codePoints().forEach(c -> {
                if (c == '\\') {
                    text.append("\\\\");
                } else if (c < 0x20 && c != '\n' && c != '\t' || c == 0x7f) {
                    text.append("\\u").append(Hex.digits(c, 4).toUpperCase(java.util.Locale.ROOT));
                } else {
                    text.appendCodePoint(c);
                }
            });
            out.println(text.toString());
        });
    }

    private void put(HmpOutput out, HmpArguments arguments) throws HmpError {
        byte[] bytes = arguments.string("data").getBytes(StandardCharsets.UTF_8);
        run(() -> chardevs.ringbuf(arguments.string("device")).write(bytes, 0, bytes.length));
    }

    /** Something of chardevs that may be refused. */
    private interface Request {
        void make() throws ChardevException;
    }

    private void run(Request request) throws HmpError {
        try {
            request.make();
        } catch (ChardevException e) {
            throw new HmpError(e.getMessage());
        }
    }
}
