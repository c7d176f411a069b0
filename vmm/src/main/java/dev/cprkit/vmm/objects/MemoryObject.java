package dev.cprkit.vmm.objects;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.memory.BackendOptions;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import dev.cprkit.vmm.memory.MemoryException;
import dev.cprkit.vmm.memory.RamAllocator;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.monitor.MachineFacts;
import dev.cprkit.vmm.qom.QomException;
import dev.cprkit.vmm.qom.QomNode;
import java.util.Optional;

/** A memory backend. The machine's RAM is in use for good; the others are nobody's and can go. */
final class MemoryObject extends UserObject {
    private final MemoryBackendConfig config;
    private final RamBlock block;
    private final boolean mapped;
    private final RamAllocator allocator;
    private boolean merge;
    private boolean dump;

    MemoryObject(MemoryBackendConfig config, RamBlock block, boolean mapped, RamAllocator allocator) {
        this.config = config;
        this.block = block;
        this.mapped = mapped;
        this.allocator = allocator;
        this.merge = config.options().merge();
        this.dump = config.options().dump();
    }

    /** What query-memdev tells of it. */
    MachineFacts.MemoryBackend fact() {
        BackendOptions options = config.options();
        return new MachineFacts.MemoryBackend(
                Optional.of(config.id()),
                options.size(),
                options.share(),
                merge,
                dump,
                options.prealloc(),
                options.reserve());
    }

    @Override
    void remove() throws ObjectException {
        if (mapped) {
            throw new ObjectException("Cannot delete host memory backend '" + config.id() + "' which is mapped");
        }
        try {
            allocator.remove(block);
        } catch (MemoryException e) {
            throw new ObjectException(e.getMessage(), e);
        }
    }

    @Override
    QomNode makeNode() {
        BackendOptions options = config.options();
        QomNode made = new QomNode(config.typeName())
                .put("share", new JsonBool(options.share()))
                .put("size", JsonNumber.of(options.size()))
                .put("dump", () -> new JsonBool(dump))
                .put("prealloc-threads", JsonNumber.of(1))
                .put("x-use-canonical-path-for-ramblock-id", new JsonBool(options.canonicalPath()))
                .put("policy", new JsonString("default"))
                .put("prealloc", new JsonBool(options.prealloc()))
                .put("reserve", new JsonBool(options.reserve()))
                .put("host-nodes", new JsonArray())
                .put("merge", () -> new JsonBool(merge))
                .onSet("merge", value -> {
                    merge = flag("merge", value);
                    allocator.setMerge(block, merge);
                })
                .onSet("dump", value -> {
                    dump = flag("dump", value);
                    allocator.setDump(block, dump);
                });
        fix(made, "share", "cannot change property value");
        fix(made, "reserve", "cannot change property value");
        fix(made, "size", "cannot change property size of " + config.typeName() + " ");
        switch (config) {
            case MemoryBackendConfig.Memfd memfd ->
                made.put("hugetlb", new JsonBool(memfd.hugetlb()))
                        .put("hugetlbsize", JsonNumber.of(memfd.hugetlbSize()))
                        .put("seal", new JsonBool(memfd.seal()));
            case MemoryBackendConfig.File file ->
                made.put("pmem", new JsonBool(file.pmem()))
                        .put("align", JsonNumber.of(file.align()))
                        .put("offset", JsonNumber.of(file.offset()))
                        .put("mem-path", new JsonString(file.memPath()))
                        .put("rom", new JsonString(file.rom() ? "on" : "off"))
                        .put("discard-data", new JsonBool(file.discardData()))
                        .put("readonly", new JsonBool(file.readOnly()));
            case MemoryBackendConfig.Shm ignored -> {}
            case MemoryBackendConfig.Ram ignored -> {}
            case MemoryBackendConfig.Epc ignored -> {}
        }
        return made;
    }

    private static void fix(QomNode node, String property, String text) {
        node.onSet(property, value -> {
            throw QomException.of(text);
        });
    }

    private static boolean flag(String name, JsonValue value) throws QomException {
        if (value instanceof JsonBool(boolean on)) {
            return on;
        }
        throw QomException.of("Invalid parameter type for '" + name + "', expected: boolean");
    }
}
