/*
 * A plugin for qemu 7.2 (plugin interface 1): counts how often each block of a 64-bit ARM program runs, a block being
 * a piece that runs from its first instruction to its last. A forked process counts from zero.
 *
 *   gcc -O2 -shared -fPIC -o plugin.so arm_instruction_plugin.c
 *   qemu-aarch64 -plugin ./plugin.so -d plugin PROGRAM
 *
 * When a forked process ends it prints a line "block ADDRESS TIMES CODE,CODE..." on stderr for each block that ran, the
 * codes being its instructions in hexadecimal as they lie in memory, and then the line "end of blocks".
 * Debian packages no qemu-plugin.h; what is used of it is declared here (docs/devel/tcg-plugins).
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define ADD_U64 0
#define CLONE 220

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
extern void qemu_plugin_register_vcpu_tb_exec_inline(
    struct qemu_plugin_tb *tb, int operation, void *counter, uint64_t by);
extern void qemu_plugin_register_vcpu_tb_trans_cb(
    qemu_plugin_id_t id, void (*call)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_syscall_ret_cb(
    qemu_plugin_id_t id, void (*call)(qemu_plugin_id_t, unsigned int, int64_t, int64_t));
extern void qemu_plugin_register_atexit_cb(
    qemu_plugin_id_t id, void (*call)(qemu_plugin_id_t, void *), void *data);

EXPORT int qemu_plugin_version = 1;

struct block {
    struct block *next, *next_of_bucket;
    uint64_t address, times;
    size_t length;
    uint32_t words[];
};

#define BUCKETS 65536
static struct block *bucket[BUCKETS], *blocks;
static int is_forked;

/* The block's own record: qemu translates a block anew when its room is full. */
static struct block *record(struct qemu_plugin_tb *tb)
{
    uint64_t address = qemu_plugin_tb_vaddr(tb);
    size_t length = qemu_plugin_tb_n_insns(tb);
    struct block **head = &bucket[(address >> 2) % BUCKETS], *found = *head;
    while (found && (found->address != address || found->length != length)) {
        found = found->next_of_bucket;
    }
    if (!found) {
        found = calloc(1, sizeof *found + length * sizeof found->words[0]);
        if (!found) {
            _exit(1);
        }
        found->address = address;
        found->length = length;
        for (size_t index = 0; index < length; index++) {
            const void *data = qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, index));
            memcpy(&found->words[index], data, sizeof found->words[0]);
        }
        found->next_of_bucket = *head;
        found->next = blocks;
        *head = blocks = found;
    }
    return found;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD_U64, &record(tb)->times, 1);
}

static void called(qemu_plugin_id_t id, unsigned int cpu, int64_t number, int64_t result)
{
    (void)id;
    (void)cpu;
    if (number == CLONE && result == 0) {
        is_forked = 1;
        for (struct block *one = blocks; one; one = one->next) {
            one->times = 0;
        }
    }
}

static void ended(qemu_plugin_id_t id, void *data)
{
    static char room[1 << 16];
    (void)id;
    (void)data;
    if (!is_forked) {
        return;
    }
    setvbuf(stderr, room, _IOFBF, sizeof room);
    for (const struct block *one = blocks; one; one = one->next) {
        if (one->times) {
            fprintf(stderr, "block %" PRIx64 " %" PRIu64 " ", one->address, one->times);
            for (size_t index = 0; index < one->length; index++) {
                uint32_t in_memory = __builtin_bswap32(one->words[index]);
                fprintf(stderr, "%08" PRIx32 "%c", in_memory, index + 1 < one->length ? ',' : '\n');
            }
        }
    }
    fputs("end of blocks\n", stderr);
    if (fflush(stderr)) {
        _exit(1);
    }
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    (void)argc;
    (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, called);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
