/*
 * A library that counts how often each block of the x86-64 program in which it is loaded runs, by stopping after each
 * instruction, and that tells the clock of the processor.
 *
 *   gcc -O2 -shared -fPIC -o native_blocks.so native_blocks.c
 *
 * start_counting(); what is to be counted; stop_counting(); write_blocks("FILE") writes a line
 * "block ADDRESS TIMES CODE,CODE..." for each block that ran, the codes being its instructions in hexadecimal, and then
 * the line "end of blocks". A block ends where the program jumps or could have jumped. Some microseconds an
 * instruction; one thread alone.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

enum { LONGEST = 15, BUCKETS = 1 << 16, MOST = 512, ROOM = 1 << 22 };

struct block {
    struct block *next, *next_of_bucket;
    uint64_t times;
    size_t length;
    uint64_t addresses[];
};

/* The program may be stopped within malloc, so that blocks have a room of their own. */
static uint64_t room[ROOM];
static size_t used;
static struct block *bucket[BUCKETS], *blocks;
static uint64_t path[MOST], before;
static size_t length;

static void close_block(void)
{
    struct block **head, *found;
    if (!length) {
        return;
    }
    head = &bucket[(path[0] ^ path[0] >> 16 ^ length) % BUCKETS];
    for (found = *head; found; found = found->next_of_bucket) {
        if (found->length == length && !memcmp(found->addresses, path, length * sizeof path[0])) {
            break;
        }
    }
    if (!found && used + sizeof *found / sizeof room[0] + length <= ROOM) {
        found = (struct block *)&room[used];
        used += sizeof *found / sizeof room[0] + length;
        found->times = 0;
        found->length = length;
        memcpy(found->addresses, path, length * sizeof path[0]);
        found->next_of_bucket = *head;
        found->next = blocks;
        *head = blocks = found;
    }
    if (found) {
        found->times++;
    }
    length = 0;
}

/* The length of a conditional or direct jump, else 0 (Intel's manual, volume 2, Jcc, JMP, CALL). */
static size_t jump_length(const unsigned char *code)
{
    if ((code[0] & 0xf0) == 0x70 || code[0] == 0xeb) {
        return 2;
    }
    if (code[0] == 0xe8 || code[0] == 0xe9) {
        return 5;
    }
    return code[0] == 0x0f && (code[1] & 0xf0) == 0x80 ? 6 : 0;
}

static void stopped(int number, siginfo_t *information, void *context)
{
    uint64_t now = (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    (void)number;
    (void)information;
    if (now - before - 1 >= LONGEST || length == MOST || jump_length((const unsigned char *)before)) {
        close_block();
    }
    path[length++] = before = now;
}

void start_counting(void)
{
    struct sigaction action = {.sa_sigaction = stopped, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &action, NULL);
    used = length = 0;
    blocks = NULL;
    memset(bucket, 0, sizeof bucket);
    before = (uint64_t)&start_counting;
    /* The trap flag, bit 8 of the flags: below the red zone of 128 bytes. */
    __asm__ volatile("sub $128, %%rsp\n pushfq\n orq $0x100, (%%rsp)\n popfq\n add $128, %%rsp" ::: "memory", "cc");
}

void stop_counting(void)
{
    __asm__ volatile("sub $128, %%rsp\n pushfq\n andq $~0x100, (%%rsp)\n popfq\n add $128, %%rsp" ::: "memory", "cc");
    close_block();
}

/* The last instruction of a block is left out where its length is not known: a return, a jump to a register. */
int write_blocks(const char *name)
{
    FILE *file = fopen(name, "w");
    if (!file) {
        return 1;
    }
    for (const struct block *one = blocks; one; one = one->next) {
        size_t last = jump_length((const unsigned char *)one->addresses[one->length - 1]);
        size_t known = last ? one->length : one->length - 1;
        if (!known) {
            continue;
        }
        fprintf(file, "block %" PRIx64 " %" PRIu64 " ", one->addresses[0], one->times);
        for (size_t index = 0; index < known; index++) {
            const unsigned char *code = (const unsigned char *)one->addresses[index];
            size_t bytes = index + 1 < one->length ? one->addresses[index + 1] - one->addresses[index] : last;
            for (size_t at = 0; at < bytes; at++) {
                fprintf(file, "%02x", code[at]);
            }
            fputc(index + 1 < known ? ',' : '\n', file);
        }
    }
    fputs("end of blocks\n", file);
    return fclose(file);
}

/* GHz by multiplications that each wait three cycles for the one before: Intel since 2008, AMD since Zen 3. */
double clock_ghz(void)
{
    double best = 0;
    for (int repeat = 0; repeat < 20; repeat++) {
        struct timespec start, end;
        long count = 2000000, left = count;
        uint64_t value = 3;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
        __asm__ volatile(
            "1: imul %1, %1\n imul %1, %1\n imul %1, %1\n imul %1, %1\n dec %0\n jnz 1b" : "+r"(left), "+r"(value));
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
        double taken = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
        double found = 12e-9 * (double)count / taken;
        best = found > best ? found : best;
    }
    return best;
}
