package dev.cprkit.vmm.qom;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The objects of this process: {@code /machine}, {@code /objects}, {@code /chardevs}. A path names one from the root, or,
 * without the leading slash, by as much of the end of its path as is needed to tell it from others. Links are followed
 * as children are. Main loop's thread with the machine lock held.
 */
public final class QomTree {
    private final Supplier<Content> maker;
    private Optional<Content> content = Optional.empty();

    /** A bus and what is plugged into it, in QEMU's {@code info qtree} order; each device may have buses of its own. */
    public record Bus(String name, String type, List<Slot> slots) {}

    /** A device on a bus. */
    public record Slot(QomNode device, String id, List<Bus> buses) {}

    /** A tree, and the buses that no device has. */
    public record Content(QomNode root, List<Bus> buses) {}

    /** @param maker makes the tree when somebody first looks at it */
    public QomTree(Supplier<Content> maker) {
        this.maker = maker;
    }

    private Content content() {
        if (content.isEmpty()) {
            content = Optional.of(maker.get());
        }
        return content.get();
    }

    public QomNode root() {
        return content().root();
    }

    /** The buses that no device has: the system bus. */
    public List<Bus> buses() {
        return content().buses();
    }

    /**
     * The object of that path.
     *
     * @throws QomException if there is none, or several
     */
    public QomNode find(String path) throws QomException {
        List<String> parts = parts(path);
        if (path.startsWith("/")) {
            return below(root(), parts).orElseThrow(() -> QomException.noSuchObject(path));
        }
        if (parts.isEmpty()) {
            throw QomException.of("Path '" + path + "' is ambiguous");
        }
        List<QomNode> found = new ArrayList<>();
        search(root(), parts, found);
        if (found.isEmpty()) {
            throw QomException.noSuchObject(path);
        }
        if (found.size() > 1) {
            throw QomException.of("Path '" + path + "' is ambiguous");
        }
        return found.getFirst();
    }

    /** A property's value; of an object below, and of a link, the path. */
    public JsonValue get(String path, String property) throws QomException {
        QomNode node = find(path);
        Optional<JsonValue> value = node.value(property);
        if (value.isPresent()) {
            return value.get();
        }
        QomNode child = node.children().get(property);
        if (child == null) {
            throw node.noSuchProperty(property);
        }
        return new JsonString(pathOf(child).orElseThrow());
    }

    /** Where an object is. */
    public Optional<String> pathOf(QomNode node) {
        return pathBelow(root(), "", node);
    }

    private static Optional<String> pathBelow(QomNode at, String path, QomNode wanted) {
        if (at == wanted) {
            return Optional.of(path.isEmpty() ? "/" : path);
        }
        for (Map.Entry<String, QomNode> child : at.children().entrySet()) {
            Optional<String> found = pathBelow(child.getValue(), path + "/" + child.getKey(), wanted);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<QomNode> below(QomNode start, List<String> parts) {
        Optional<QomNode> at = Optional.of(start);
        for (int i = 0; i < parts.size() && at.isPresent(); i++) {
            at = step(at.get(), parts.get(i));
        }
        return at;
    }

    private Optional<QomNode> step(QomNode from, String name) {
        QomNode child = from.children().get(name);
        if (child != null) {
            return Optional.of(child);
        }
        boolean link = from.type()
                .property(name)
                .map(property -> property.type().startsWith("link<"))
                .orElse(false);
        return link
                        && from.value(name).orElse(new JsonString("")) instanceof JsonString(String target)
                        && target.startsWith("/")
                ? below(root(), parts(target))
                : Optional.empty();
    }

    private void search(QomNode at, List<String> parts, List<QomNode> found) {
        Optional<QomNode> here = below(at, parts);
        if (here.isPresent() && !found.contains(here.get())) {
            found.add(here.get());
        }
        for (QomNode child : at.children().values()) {
            search(child, parts, found);
        }
    }

    private static List<String> parts(String path) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/", -1)) {
            if (!part.isEmpty()) {
                parts.add(part);
            }
        }
        return parts;
    }
}
