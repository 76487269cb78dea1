// Learning on the microcontroller itself.
#include <vector>

#include "agent/deploy/mcu_link.hpp"

namespace haltere::agent {

Result<link::StudyReply> McuLink::study(bool on, float rate) {
  auto answer = ask(link::MessageType::study, link::StudyRequest{on, rate});
  if (!answer) return answer.error();
  // What is needed is told; how much is missing follows from what hello said.
  if (answer->error.code == link::ErrorCode::too_big && answer->error.detail > info_.ram_bytes) {
    return missing_ram("learning on mcu '" + channel_.name() + "' ", answer->error.detail);
  }
  if (answer->error.code != link::ErrorCode::none) return refusal(answer->error);
  link::StudyReply reply;
  if (!decode(answer->frame.payload, answer->frame.payload_bytes, reply)) return nonsense();
  return reply;
}

Result<link::StudyReply> McuLink::label(int label, std::uint32_t until_sample) {
  return ask_for<link::StudyReply>(
      link::MessageType::label, link::LabelRequest{static_cast<std::int16_t>(label), until_sample});
}

Result<link::StudyReply> McuLink::teach(std::uint32_t step, int label,
                                        std::span<const float> features) {
  std::vector<std::uint8_t> payload(link::teach_header_bytes + 4 * features.size());
  if (link::header_bytes + payload.size() + trailer_bytes() > info_.max_content_bytes)
    return Error{ErrorKind::invalid, std::to_string(features.size()) +
                                         " values do not fit a frame of mcu '" + channel_.name() +
                                         "'"};
  link::ByteWriter writer(payload.data(), payload.size());
  writer.u32(step);
  writer.u16(static_cast<std::uint16_t>(label));
  for (const float value : features) writer.f32(value);
  auto answer = exchange(link::MessageType::teach, payload);
  if (!answer) return answer.error();
  if (answer->error.code != link::ErrorCode::none) return refusal(answer->error);
  link::StudyReply reply;
  if (!decode(answer->frame.payload, answer->frame.payload_bytes, reply)) return nonsense();
  return reply;
}

Result<McuHead> McuLink::pull() {
  McuHead head;
  for (;;) {
    const link::PullRequest request{static_cast<std::uint16_t>(head.delta.size())};
    auto reply = ask_for<link::PullReply>(link::MessageType::pull, request);
    if (!reply) return reply.error();
    if (reply->first != request.first || reply->count == 0) return nonsense();
    // Better ones meanwhile: from the start.
    if (!head.delta.empty() && reply->kept_step != head.kept_step) {
      head.delta.clear();
      continue;
    }
    head.kept_step = reply->kept_step;
    link::ByteReader reader(reply->values, 4 * reply->count);
    for (std::size_t i = 0; i < reply->count; ++i) head.delta.push_back(reader.f32());
    if (head.delta.size() >= reply->weights) return head;
  }
}

}  // namespace haltere::agent
