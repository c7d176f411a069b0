package dev.cprkit.vmm.monitor.hmp;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What Tab offers: commands, what can follow {@code info} and {@code help}, and what a command's parameters can be. */
final class Completions {
    private static final int MAX_FILES = 256;

    private final HmpRegistry registry;

    Completions(HmpRegistry registry) {
        this.registry = registry;
    }

    /** Whole words that continue the last one of the text, sorted; empty if it ends with none that could be continued. */
    List<String> of(String beforeCursor) {
        List<String> words = words(beforeCursor);
        String prefix = words.removeLast();
        boolean help = !words.isEmpty()
                && (words.getFirst().equals("help") || words.getFirst().equals("?"));
        if (help) {
            words.removeFirst();
        }
        if (words.isEmpty()) {
            return fitting(registry.names(), prefix);
        }
        boolean info = words.getFirst().equals("info");
        if (info && words.size() == 1) {
            return fitting(registry.infoNames(), prefix);
        }
        if (help) {
            return List.of();
        }
        String name = words.get(info ? 1 : 0);
        Optional<HmpCommand> command = info ? registry.findInfo(name) : registry.find(name);
        return command.isEmpty() ? List.of() : parameter(command.get(), words, info ? 2 : 1, prefix);
    }

    private static List<String> parameter(HmpCommand command, List<String> words, int from, String prefix) {
        int position = 0;
        for (String word : words.subList(from, words.size())) {
            position += word.startsWith("-") ? 0 : 1;
        }
        int index = command.syntax().flagless(position);
        if (index < 0) {
            return List.of();
        }
        return switch (command.syntax().parameters().get(index).type()) {
            case 'F' -> files(prefix);
            case 'b' -> fitting(List.of("off", "on"), prefix);
            default -> fitting(command.completer().offer(position), prefix);
        };
    }

    private static List<String> files(String prefix) {
        int slash = prefix.lastIndexOf('/') + 1;
        List<String> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(prefix.substring(0, slash) + "."))) {
            for (Path entry : entries) {
                String name = prefix.substring(0, slash) + entry.getFileName();
                if (name.startsWith(prefix) && files.size() < MAX_FILES) {
                    files.add(Files.isDirectory(entry) ? name + "/" : name);
                }
            }
        } catch (IOException | InvalidPathException e) {
            return List.of(); // there is nothing to offer there
        }
        Collections.sort(files);
        return files;
    }

    private static List<String> fitting(Collection<String> all, String prefix) {
        List<String> words = new ArrayList<>();
        for (String word : all) {
            if (word.startsWith(prefix)) {
                words.add(word);
            }
        }
        Collections.sort(words);
        return words;
    }

    /** The words, the last of which is empty behind a space. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != ' ') {
                word.append(text.charAt(i));
            } else if (!word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
        }
        words.add(word.toString());
        return words;
    }
}
