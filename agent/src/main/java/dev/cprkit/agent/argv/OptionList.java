package dev.cprkit.agent.argv;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A QEMU option's value of the form {@code [implied,]key=value,flag,noflag,…}. Immutable.
 *
 * <p>A comma in a value is written twice. A first element without {@code =} is the value of the implied key. Any other
 * element without {@code =} is a flag: {@code server} stands for {@code server=on}, {@code nowait} for
 * {@code wait=off}. Of a key that comes more than once, the last value counts. Elements that nobody changes are
 * formatted exactly as they were written.
 */
public final class OptionList {
    private record Element(String key, String value, String text) {}

    private final List<Element> elements;

    private OptionList(List<Element> elements) {
        this.elements = List.copyOf(elements);
    }

    /** Parses {@code text}; {@code impliedKey} is the first element's key if it has none, "" if there is none. */
    public static OptionList parse(String text, String impliedKey) {
        List<Element> elements = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int end = endOfElement(text, at);
            elements.add(element(text.substring(at, end), elements.isEmpty() ? impliedKey : ""));
            at = end + 1;
        }
        return new OptionList(elements);
    }

    private static Element element(String text, String impliedKey) {
        int equals = text.indexOf('=');
        int comma = text.indexOf(','); // only an escaped one can be in here
        if (equals >= 0 && (comma < 0 || equals < comma)) {
            return new Element(text.substring(0, equals), unescape(text.substring(equals + 1)), text);
        }
        if (!impliedKey.isEmpty()) {
            return new Element(impliedKey, unescape(text), text);
        }
        return text.startsWith("no") && text.length() > 2
                ? new Element(text.substring(2), "off", text)
                : new Element(text, "on", text);
    }

    private static int endOfElement(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) == ',') {
                if (i + 1 < text.length() && text.charAt(i + 1) == ',') {
                    i++;
                } else {
                    return i;
                }
            }
        }
        return text.length();
    }

    /** The value that counts for a key, with commas single again. */
    public Optional<String> get(String key) {
        Optional<String> value = Optional.empty();
        for (Element element : elements) {
            if (element.key.equals(key)) {
                value = Optional.of(element.value);
            }
        }
        return value;
    }

    /** Whether a key is switched on ({@code on}, {@code yes}, {@code true} or {@code y}, as QEMU reads it). */
    public boolean isOn(String key) {
        return get(key).map(v -> switch (v) {
                    case "on", "yes", "true", "y" -> true;
                    default -> false;
                })
                .orElse(false);
    }

    /** This list with a key set: in the place where it first stood, or at the end. */
    public OptionList with(String key, String value) {
        List<Element> changed = new ArrayList<>();
        boolean placed = false;
        for (Element element : elements) {
            if (!element.key.equals(key)) {
                changed.add(element);
            } else if (!placed) {
                changed.add(set(element, key, value));
                placed = true;
            }
        }
        if (!placed) {
            changed.add(new Element(key, value, key + "=" + escape(value)));
        }
        return new OptionList(changed);
    }

    private static Element set(Element old, String key, String value) {
        boolean implied = old.text.equals(escape(old.value)) && !value.contains("=");
        return new Element(key, value, implied ? escape(value) : key + "=" + escape(value));
    }

    /** This list without a key. */
    public OptionList without(String key) {
        return new OptionList(elements.stream().filter(e -> !e.key.equals(key)).toList());
    }

    /** Whether nothing is in it. */
    public boolean isEmpty() {
        return elements.isEmpty();
    }

    /** As it stands on a command line. */
    public String format() {
        return String.join(",", elements.stream().map(Element::text).toList());
    }

    private static String escape(String value) {
        return value.replace(",", ",,");
    }

    private static String unescape(String text) {
        return text.replace(",,", ",");
    }
}
