package dev.cprkit.vmm.monitor.qapi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The declarations of commands, events and types, read from this package's {@code .qapi} files (whose first lines explain
 * the notation). One declaration serves three ends: requests are checked against it, query-qmp-schema is made from it,
 * and tests hold replies against it. So the schema cannot promise what the checks refuse.
 *
 * <p>A declaration is looked at when somebody first asks for it: a process that is being updated uses few of them.
 * Loaded once for the process. Any thread.
 */
public final class QapiSchema {
    private static final List<String> FILES = List.of("common", "run", "machine", "chardev", "object", "migration");
    static final QapiType.Structure EMPTY = new QapiType.Structure("q_empty", List.of(), Optional.empty(), false);

    private final Map<String, String[]> types = new HashMap<>();
    private final Map<String, String[]> commands = new LinkedHashMap<>();
    private final Map<String, String[]> events = new LinkedHashMap<>();
    private final Map<String, QapiType> known = new HashMap<>();
    private final Map<String, QapiCommand> knownCommands = new HashMap<>();

    private static final class Loaded {
        static final QapiSchema SCHEMA = new QapiSchema();

        static {
            for (String file : FILES) {
                SCHEMA.add(text(file + ".qapi"));
            }
        }
    }

    /** Declares the built-in types only. */
    QapiSchema() {
        for (QapiType.Builtin builtin : QapiType.Builtin.values()) {
            known.put(builtin.typeName(), builtin);
        }
    }

    /** What this program declares. */
    public static QapiSchema instance() {
        return Loaded.SCHEMA;
    }

    private static String text(String file) {
        try (InputStream in = QapiSchema.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds declarations. A line that begins with a space continues the one before; '#' begins a comment. */
    void add(String text) {
        StringBuilder declaration = new StringBuilder();
        for (String line : text.split("\n", -1)) {
            int comment = line.indexOf('#');
            String content = comment < 0 ? line : line.substring(0, comment);
            if (!content.startsWith(" ") && !content.isBlank()) {
                declare(declaration.toString());
                declaration.setLength(0);
            }
            declaration.append(' ').append(content);
        }
        declare(declaration.toString());
    }

    private void declare(String declaration) {
        String[] words = declaration.strip().split(" +", -1);
        if (words.length < 2) {
            return;
        }
        Map<String, String[]> kind =
                switch (words[0]) {
                    case "command" -> commands;
                    case "event" -> events;
                    case "enum", "struct", "union", "alternate" -> types;
                    default -> throw new IllegalArgumentException("no declaration begins with " + words[0]);
                };
        if (kind.putIfAbsent(words[1], words) != null) {
            throw new IllegalArgumentException(words[1] + " is declared twice");
        }
    }

    /** The names of all commands, in the order of their declarations. */
    public List<String> commandNames() {
        return List.copyOf(commands.keySet());
    }

    /** All events, in the order of their declarations. */
    public synchronized List<QapiEvent> events() {
        List<QapiEvent> list = new ArrayList<>();
        for (String[] words : events.values()) {
            list.add(new QapiEvent(words[1], arguments(words, words.length)));
        }
        return list;
    }

    /** The values of an enumeration. */
    public List<String> values(String enumeration) {
        return ((QapiType.Enumeration) type(enumeration)).values();
    }

    /** The command of that name. */
    public synchronized Optional<QapiCommand> command(String name) {
        QapiCommand found = knownCommands.get(name);
        if (found == null && commands.containsKey(name)) {
            found = readCommand(commands.get(name));
            knownCommands.put(name, found);
        }
        return Optional.ofNullable(found);
    }

    private QapiCommand readCommand(String[] words) {
        QapiType result = EMPTY;
        List<String> features = new ArrayList<>();
        boolean outOfBand = false;
        int end = words.length;
        for (; words[end - 1].startsWith("@"); end--) {
            String feature = words[end - 1].substring(1);
            outOfBand |= feature.equals("oob");
            if (!feature.equals("oob")) {
                features.add(feature);
            }
        }
        if (words[end - 2].equals("->")) {
            result = type(words[end - 1]);
            end -= 2;
        }
        return new QapiCommand(words[1], arguments(words, end), result, outOfBand, List.copyOf(features));
    }

    /** Members that are listed, or those of one type that is named in their place. */
    private QapiType.Structure arguments(String[] words, int end) {
        if (end == 2) {
            return EMPTY;
        }
        if (end == 3 && words[2].startsWith("+")) {
            return (QapiType.Structure) type(words[2].substring(1));
        }
        return structure(words, end);
    }

    /** The type of that name: {@code int}, {@code [str]}, {@code RunState}. */
    synchronized QapiType type(String name) {
        if (name.startsWith("[")) {
            return new QapiType.ListOf(type(name.substring(1, name.length() - 1)));
        }
        QapiType type = known.get(name);
        if (type == null) {
            String[] words = types.get(name);
            if (words == null) {
                throw new IllegalArgumentException("type " + name + " is not declared");
            }
            type = read(words);
            known.put(name, type);
        }
        return type;
    }

    private QapiType read(String[] words) {
        return switch (words[0]) {
            case "enum" -> new QapiType.Enumeration(words[1], List.of(words).subList(2, words.length));
            case "alternate" -> {
                List<QapiType> choices = new ArrayList<>();
                for (int i = 2; i < words.length; i++) {
                    choices.add(type(words[i]));
                }
                yield new QapiType.Alternate(words[1], List.copyOf(choices));
            }
            default -> structure(words, words.length);
        };
    }

    private QapiType.Structure structure(String[] words, int end) {
        List<QapiType.Member> members = new ArrayList<>();
        Optional<QapiType.Variants> variants = Optional.empty();
        boolean open = false;
        for (int i = 2; i < end; i++) {
            String word = words[i];
            if (word.equals("...")) {
                open = true;
            } else if (word.equals("by")) {
                variants = Optional.of(variants(words, i + 1, end));
                break;
            } else if (word.startsWith("+")) {
                members.addAll(((QapiType.Structure) type(word.substring(1))).members());
            } else {
                members.add(member(word));
            }
        }
        return new QapiType.Structure(words[1], List.copyOf(members), variants, open);
    }

    private QapiType.Variants variants(String[] words, int tag, int end) {
        Map<String, QapiType.Structure> cases = new LinkedHashMap<>();
        for (int i = tag + 1; i < end; i++) {
            int equals = words[i].indexOf('=');
            cases.put(words[i].substring(0, equals), (QapiType.Structure) type(words[i].substring(equals + 1)));
        }
        return new QapiType.Variants(words[tag], cases);
    }

    private QapiType.Member member(String word) {
        int colon = word.lastIndexOf(':');
        boolean optional = word.charAt(colon - 1) == '?';
        String name = word.substring(0, optional ? colon - 1 : colon);
        return new QapiType.Member(name, type(word.substring(colon + 1)), optional);
    }
}
