"""What a person does on the canvas and in Find, and the tests that do it: with the pointer, and with the keyboard alone."""

from __future__ import annotations

GESTURES: dict[str, tuple[str, str]] = {
    "move the view": ("test_dragging_moves_the_view_with_the_pointer", "test_ctrl_and_an_arrow_move_the_view"),
    "move the view and zoom on a trackpad": (
        "test_two_fingers_on_a_trackpad_move_the_view_and_a_pinch_zooms",
        "test_ctrl_and_an_arrow_move_the_view",
    ),
    "move the view and zoom with fingers": (
        "test_a_finger_moves_the_view_and_two_fingers_zoom",
        "test_it_zooms_by_the_bar_and_by_keys_and_to_what_is_selected",
    ),
    "zoom": (
        "test_a_wheel_notch_zooms_and_what_is_under_the_pointer_stays_there",
        "test_it_zooms_by_the_bar_and_by_keys_and_to_what_is_selected",
    ),
    "zoom to the selection": ("test_it_zooms_by_the_bar_and_by_keys_and_to_what_is_selected",) * 2,
    "use the map": ("test_the_rectangle_on_the_map_is_dragged", "test_ctrl_and_an_arrow_move_the_view"),
    "open and close the map": ("test_the_map_moves_the_view_to_where_it_is_clicked_and_can_be_closed",) * 2,
    "walk along wires": (
        "test_a_value_is_followed_with_the_mouse",
        "test_arrows_choose_among_several_readers_and_lead_back",
    ),
    "go into a body and out": (
        "test_a_double_click_enters_a_body_and_escape_leaves_it",
        "test_enter_goes_into_a_body_escape_out_and_tab_stays_with_the_focus",
    ),
    "open a body or function in place": ("test_bodies_and_functions_open_in_place_by_pointer_by_keys_and_for_a_hit",)
    * 2,
    "open and close scopes": (
        "test_the_sign_on_a_card_opens_the_scope_in_place_and_the_sign_in_its_corner_closes_it",
        "test_with_keys_alone_one_walks_to_a_scope_opens_it_and_closes_all",
    ),
    "go to the start of a scope": ("test_the_name_of_a_scope_at_the_edge_leads_to_its_start_by_a_click_and_by_a_key",)
    * 2,
    "highlight, n steps and all": (
        "test_the_same_with_the_mouse",
        "test_steps_go_out_one_by_one_and_all_the_way_by_keys",
    ),
    "follow a value": (
        "test_a_value_is_followed_with_the_mouse",
        "test_a_value_is_followed_from_its_maker_to_its_readers_by_keys",
    ),
    "select several": (
        "test_a_marquee_selects_what_it_touches",
        "test_ctrl_shift_and_an_arrow_keep_what_is_selected",
    ),
    "select all of an operator, of a scope, upstream, downstream": (
        "test_a_selection_grows_by_key_and_by_menu",
        "test_a_selection_grows_by_key_and_by_menu",
    ),
    "put an operator on what was dropped on the ground": (
        "test_a_value_dropped_on_the_ground_goes_into_an_operator_that_takes_it",
        "test_keys_alone_put_an_operator_on_a_wire_and_behind_a_node",
    ),
    "put an operator on a wire": (
        "test_an_operator_is_dragged_from_the_palette_onto_a_wire_which_lights_up",
        "test_keys_alone_put_an_operator_on_a_wire_and_behind_a_node",
    ),
    "put a node that is there on a wire": (
        "test_a_node_that_nothing_is_joined_to_goes_onto_a_wire_by_pointer_and_by_key",
    )
    * 2,
    "take the end of a wire to another slot": (
        "test_the_end_of_a_wire_is_dragged_to_another_slot",
        "test_keys_alone_connect_and_disconnect_an_input",
    ),
    "give wires another source": (
        "test_wires_that_share_a_source_are_taken_to_another_one_together",
        "test_keys_alone_give_wires_another_source",
    ),
    "copy and paste": (
        "test_nodes_are_copied_and_pasted_with_the_menu",
        "test_keys_alone_choose_copy_paste_and_duplicate",
    ),
    "cut": (
        "test_cutting_takes_the_nodes_away_and_pasting_brings_them_back",
        "test_keys_alone_choose_copy_paste_and_duplicate",
    ),
    "duplicate": (
        "test_nodes_are_duplicated_with_the_key_and_the_menu",
        "test_keys_alone_choose_copy_paste_and_duplicate",
    ),
    "paste into another model": (
        "test_nodes_go_into_another_model_of_the_same_page_by_the_menus",
        "test_nodes_go_into_another_window_with_their_weights",
    ),
    "move nodes, which keep their place": (
        "test_a_node_stays_where_a_hand_put_it_over_edits_and_a_reload",
        "test_keys_alone_move_a_node_and_forget_its_place",
    ),
    "write, move, change and remove notes": (
        "test_notes_are_written_moved_changed_and_removed_with_the_pointer",
        "test_keys_alone_write_move_change_and_remove_a_note",
    ),
    "fold the tree of hits": (
        "test_hits_stand_in_a_tree_of_scopes_with_counts",
        "test_the_keyboard_alone_finds_steps_folds_and_selects",
    ),
    "find by every prefix and by expressions": (
        "test_examples_of_the_model_itself_stand_where_nothing_is_typed",
        "test_it_finds_by_every_prefix_by_quotes_and_by_regular_expressions",
    ),
    "go to the next hit and the one before": (
        "test_a_click_goes_to_a_hit_and_one_button_selects_all",
        "test_the_keyboard_alone_finds_steps_folds_and_selects",
    ),
    "see all hits on the canvas and the map": (
        "test_all_hits_stand_out_on_the_canvas_and_on_the_map",
        "test_all_hits_stand_out_on_the_canvas_and_on_the_map",
    ),
    "select all hits": (
        "test_a_click_goes_to_a_hit_and_one_button_selects_all",
        "test_the_keyboard_alone_finds_steps_folds_and_selects",
    ),
}
