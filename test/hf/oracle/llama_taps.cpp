// llama.cpp, built as others ship it, run with its callback: every named float32 node of the graph, whole.
//
//   llama_taps LIBRARIES quantize IN.gguf OUT.gguf F32|F16|Q8_0
//   llama_taps LIBRARIES run MODEL.gguf IDS.txt OUT THREADS [flash]
//
// IDS.txt has one prompt a line, as numbers. OUT/<line>/ gets tensors.json and tensors.bin, which
// `qwq oracle import raw+json` reads. Keys and values are cached in float32, and with flash attention in float16, as
// llama.cpp does unless told. llama.ts builds it and calls it.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "ggml-backend.h"
#include "llama.h"

struct Dump {
    std::ofstream values;
    std::string list;
    size_t at = 0;
};

// Views and copies are not computed; of the rest, nodes that llama.cpp gave a name with a layer or of the model.
static bool wanted(const ggml_tensor * t) {
    switch (t->op) {
        case GGML_OP_NONE: case GGML_OP_VIEW: case GGML_OP_RESHAPE: case GGML_OP_PERMUTE: case GGML_OP_TRANSPOSE:
        case GGML_OP_CPY: case GGML_OP_SET_ROWS:
            return false;
        default:
            break;
    }
    if (t->type != GGML_TYPE_F32 || !ggml_is_contiguous(t)) return false;
    static const char * names[] = {"attn_norm-", "Qcur-", "Kcur-", "Vcur-", "kqv_out-", "ffn_inp-", "ffn_norm-", "ffn_gate-",
                                   "ffn_up-", "ffn_swiglu-", "ffn_out-", "l_out-", "attn_out-"};
    for (const char * name : names) if (strncmp(t->name, name, strlen(name)) == 0) return strchr(t->name, ' ') == nullptr;
    for (const char * name : {"inp_embd", "result_norm", "result_output"}) if (strcmp(t->name, name) == 0) return true;
    return strcmp(t->name, "embd") == 0;
}

static bool see(ggml_tensor * t, bool ask, void * data) {
    if (ask) return wanted(t);
    Dump & dump = *static_cast<Dump *>(data);
    std::vector<char> bytes(ggml_nbytes(t));
    ggml_backend_tensor_get(t, bytes.data(), 0, bytes.size());
    dump.values.write(bytes.data(), bytes.size());
    std::ostringstream entry;
    entry << (dump.list.empty() ? "" : ",\n") << "{\"name\":\"" << t->name << "\",\"op\":\"" << ggml_op_name(t->op)
          << "\",\"file\":\"tensors.bin\",\"offset\":" << dump.at << ",\"ne\":[" << t->ne[0] << "," << t->ne[1] << ","
          << t->ne[2] << "," << t->ne[3] << "]}";
    dump.list += entry.str();
    dump.at += bytes.size();
    return true;
}

static int quantize(const char * in, const char * out, const std::string & type) {
    const std::map<std::string, llama_ftype> types = {
        {"F32", LLAMA_FTYPE_ALL_F32}, {"F16", LLAMA_FTYPE_MOSTLY_F16}, {"Q8_0", LLAMA_FTYPE_MOSTLY_Q8_0}};
    llama_model_quantize_params params = llama_model_quantize_default_params();
    params.ftype = types.at(type);
    params.allow_requantize = true;
    params.nthread = 1;
    return static_cast<int>(llama_model_quantize(in, out, &params));
}

static int run(char ** argv, bool flash) {
    llama_model_params of_model = llama_model_default_params();
    llama_model * model = llama_model_load_from_file(argv[0], of_model);
    if (model == nullptr) return 1;
    std::ifstream prompts(argv[1]);
    std::string line;
    for (int number = 0; std::getline(prompts, line); number++) {
        std::istringstream words(line);
        std::vector<llama_token> ids;
        for (int id; words >> id;) ids.push_back(id);
        const std::filesystem::path folder = std::filesystem::path(argv[2]) / std::to_string(number);
        std::filesystem::create_directories(folder);
        Dump dump;
        dump.values.open(folder / "tensors.bin", std::ios::binary);
        llama_context_params params = llama_context_default_params();
        params.n_ctx = 512;
        params.n_threads = params.n_threads_batch = atoi(argv[3]);
        params.type_k = params.type_v = flash ? GGML_TYPE_F16 : GGML_TYPE_F32;
        params.flash_attn_type = flash ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
        params.cb_eval = see;
        params.cb_eval_user_data = &dump;
        llama_context * context = llama_init_from_model(model, params);
        if (context == nullptr) return 1;
        llama_batch batch = llama_batch_init(static_cast<int>(ids.size()), 0, 1);
        batch.n_tokens = static_cast<int>(ids.size());
        for (int t = 0; t < batch.n_tokens; t++) {
            batch.token[t] = ids[t];
            batch.pos[t] = t;
            batch.n_seq_id[t] = 1;
            batch.seq_id[t][0] = 0;
            batch.logits[t] = 1;
        }
        if (llama_decode(context, batch) != 0) return 1;
        std::ofstream list(folder / "tensors.json");
        list << "{\"ids\":[";
        for (size_t t = 0; t < ids.size(); t++) list << (t > 0 ? "," : "") << ids[t];
        list << "],\"tensors\":[\n" << dump.list << "\n]}\n";
        llama_batch_free(batch);
        llama_free(context);
    }
    llama_model_free(model);
    return 0;
}

int main(int argc, char ** argv) {
    if (argc < 6) return 2;
    ggml_backend_load_all_from_path(argv[1]);
    llama_backend_init();
    llama_log_set([](ggml_log_level level, const char * text, void *) { if (level >= GGML_LOG_LEVEL_ERROR) fputs(text, stderr); }, nullptr);
    return strcmp(argv[2], "quantize") == 0 ? quantize(argv[3], argv[4], argv[5]) : run(argv + 3, argc > 7);
}
