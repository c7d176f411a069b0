#!/bin/sh
# Builds the benchmark kernels into ../resources/kernels; needs gcc-riscv64-unknown-elf.
set -eu
cd "$(dirname "$0")"
for c in *.c; do
    name=${c%.c}
    riscv64-unknown-elf-gcc -O2 -march=rv64gc -mabi=lp64d -mcmodel=medany -ffreestanding -fno-builtin \
        -fno-tree-loop-distribute-patterns -nostdlib -static -T kernel.ld -o "/tmp/$name.$$.elf" start.S "$c"
    riscv64-unknown-elf-objcopy -O binary "/tmp/$name.$$.elf" "../resources/kernels/$name.bin"
    rm "/tmp/$name.$$.elf"
done
