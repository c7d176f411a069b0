package dev.cprkit.vmm.machine.config;

import dev.cprkit.vmm.memory.MemoryBackendConfig;
import dev.cprkit.vmm.monitor.MonitorConfig;

/** An object that a user makes: {@code -object} and object-add. */
public sealed interface ObjectConfig {
    /** The object's id. */
    String id();

    /** The object's type: {@code memory-backend-ram} and so on. */
    String typeName();

    /** Memory. */
    record Backend(MemoryBackendConfig config) implements ObjectConfig {
        @Override
        public String id() {
            return config.id();
        }

        @Override
        public String typeName() {
            return config.typeName();
        }
    }

    /** A source of entropy. */
    record Rng(RngConfig config) implements ObjectConfig {
        @Override
        public String id() {
            return config.id();
        }

        @Override
        public String typeName() {
            return switch (config) {
                case RngConfig.Random ignored -> "rng-random";
                case RngConfig.Builtin ignored -> "rng-builtin";
            };
        }
    }

    /** A monitor. */
    record Monitor(MonitorConfig config) implements ObjectConfig {
        @Override
        public String id() {
            return config.id();
        }

        @Override
        public String typeName() {
            return switch (config.mode()) {
                case CONTROL -> "monitor-qmp";
                case READLINE -> "monitor-hmp";
            };
        }
    }
}
